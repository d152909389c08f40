"""Files in, as statements; answers out, as lines, tables, HTML."""

from .date_phrases import proposals as proposals
from .entries import may_be_blank as may_be_blank, takes as takes
from .faults import EntryFault as EntryFault, at_fault as at_fault
from .html import html_link as html_link, html_page as html_page, html_table as html_table
from .loading import (
    Loaded as Loaded,
    load as load,
    load_files as load_files,
    read_files as read_files,
    read_statements as read_statements,
)
from .page import Page as Page, cell as cell, shortened as shortened
from .reading import (
    ReadFile as ReadFile,
    read_file as read_file,
    read_json as read_json,
    standard_input as standard_input,
)
from .schema import json_schema as json_schema
from .tables import (
    Table as Table,
    of_check as of_check,
    of_diff as of_diff,
    of_entities as of_entities,
    of_event_type as of_event_type,
    of_explanation as of_explanation,
    of_history as of_history,
    of_plans as of_plans,
    of_records as of_records,
    of_report as of_report,
    of_single_sourced as of_single_sourced,
    of_sources as of_sources,
    of_state as of_state,
    of_state_type as of_state_type,
    of_types as of_types,
)
