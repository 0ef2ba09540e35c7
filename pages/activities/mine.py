"""What a person has to do across all deals, overdue first."""

from tas_analytics.ui import my_activities as parts, page
from tas_analytics.ui.frame import begin

view = begin()
if view.empty:
    page.head("My activities", "No activities yet: load your CRM's export first", view, about="")
    page.nothing("Nothing is loaded", "Activities belong to deals, which come with your CRM's export.", key="mine")
else:
    person = parts.chosen(view)
    rows = parts.rows_of(view, person)
    page.head("My activities", parts.headline(person, rows), view, about=parts.about(view))
    parts.person_picker(view)
    parts.groups(view, person, rows)
