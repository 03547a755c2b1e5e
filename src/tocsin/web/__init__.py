"""The pages that other machines read: health, metrics, alerts. They only look; nothing is written."""
