"""An invented newsroom: six outlets in five languages, served over real HTTP on loopback.

For the demo and the tests. Outlets, people and events are made up; `outlets/` holds the texts, `expected.yaml` what a
careful reader says of each.
"""
