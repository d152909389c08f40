"""Pictures of a timeline: PNG, SVG, HTML or a text chart; no browser, no network (extra `viz`)."""

from __future__ import annotations

from timeline.plot.graph_chart import Network
from timeline.plot.picture import Picture
from timeline.plot.pictures import changes, graph, money, ties, timeline

__all__ = ["Network", "Picture", "changes", "graph", "money", "ties", "timeline"]
