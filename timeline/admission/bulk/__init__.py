"""Tables of events, appended in one commit: read, checked and written column by column."""
