"""Files in, as statements; answers out, as lines, tables, HTML."""

from .date_reading import DateReading as DateReading
from .forms import (
    Input as Input,
    entry_of as entry_of,
    inputs_about as inputs_about,
    inputs_of as inputs_of,
)
from .loading import (
    Loaded as Loaded,
    LoadedTable as LoadedTable,
    load as load,
    load_files as load_files,
    read_files as read_files,
    read_statements as read_statements,
)
from .nodes import EntryFault as EntryFault, at_fault as at_fault
from .page import Page as Page
from .proposing import proposed_recipe as proposed_recipe
from .reading import (
    ReadFile as ReadFile,
    read_file as read_file,
    read_json as read_json,
    standard_input as standard_input,
)
from .recipes import RECIPE_ENDING as RECIPE_ENDING, Recipe as Recipe, recipe_beside as recipe_beside
from .row_reading import reading_of as reading_of, unread_by as unread_by
from .schema import json_schema as json_schema
from .table_files import is_table as is_table, table_file as table_file
from .table_rows import FileLayout as FileLayout, TableFile as TableFile
from .tables import (
    Table as Table,
    cell as cell,
    csv_written as csv_written,
    html_link as html_link,
    html_written as html_written,
    json_ready as json_ready,
    markdown_written as markdown_written,
    of_answer as of_answer,
    of_commits as of_commits,
    of_event_type as of_event_type,
    of_faults as of_faults,
    of_loaded as of_loaded,
    of_records as of_records,
    of_redaction as of_redaction,
    of_report as of_report,
    of_sample as of_sample,
    of_shown as of_shown,
    of_state_type as of_state_type,
    of_types as of_types,
    parquet_of as parquet_of,
    read_columns as read_columns,
    tsv_written as tsv_written,
)
