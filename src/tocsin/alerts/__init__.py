"""Alerts: decide, route, render, deliver."""
