"""The timeline in a browser: pages, each one question, with the same as JSON at the same address."""

from .app import application as application
from .reporting import report as report
from .serving import LOOPBACK as LOOPBACK, serve as serve
