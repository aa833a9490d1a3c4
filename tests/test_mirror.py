"""The tests mirror the tree: each module of the engine has its test file, or is named here with another.

A module's test file is ``test_<name>.py`` in the folder of the same place. What is named below is a part of
something that is tested as a whole: by stories against the sandbox, or together with the module that uses it.
Better is a file of its own; the list may only get shorter.
"""

from __future__ import annotations

from pathlib import Path

import pytest

TESTS = Path(__file__).parent
ENGINE = TESTS.parent / "tasks"

WHOLE = {
    "core/change.py": "tasks/plan/test_compare.py",
    "core/findings.py": "cli/test_connections_cli.py",
    "edge/approval.py": "flows/test_import_contacts.py",
    "edge/automating.py": "flows/rules/test_faults.py",
    "edge/connections.py": "tasks/edge/test_blocks.py",
    "edge/connectors.py": "flows/test_backfill_contacts.py",
    "edge/examination.py": "cli/test_connections_cli.py",
    "edge/job_changes.py": "flows/leads/test_job_changes.py",
    "edge/importing.py": "flows/test_import_contacts.py",
    "edge/notifying.py": "flows/rules/test_notify_task_progress.py",
    "edge/report.py": "flows/test_run_operation.py",
    "edge/session.py": "flows/test_mirror_mapping.py",
    "edge/status.py": "cli/test_status_cli.py",
    "edge/task.py": "flows/test_backfill_contacts.py",
    "edge/trying_rules.py": "cli/test_rules_cli.py",
    "extract/calling_codes.py": "tasks/extract/test_weighing.py",
    "extract/delimited.py": "tasks/extract/test_layout.py",
    "extract/extent.py": "tasks/extract/test_workbook.py",
    "extract/garbled.py": "tasks/extract/test_encodings.py",
    "extract/grid.py": "tasks/extract/test_layout.py",
    "extract/header_words.py": "tasks/extract/test_headers.py",
    "extract/json_objects.py": "tasks/extract/test_files.py",
    "extract/looks.py": "tasks/extract/test_columns.py",
    "extract/query.py": "tasks/extract/query/test_query.py",
    "extract/reading.py": "cli/test_import_file_cli.py",
    "extract/sheet_ods.py": "tasks/extract/test_workbook.py",
    "extract/sheet_xml.py": "tasks/extract/test_workbook.py",
    "extract/western.py": "tasks/extract/test_encodings.py",
    "extract/outbox.py": "flows/test_outbox.py",
    "hub/new_connections.py": "cli/test_connections_cli.py",
    "hub/postgresql_tools.py": "tasks/hub/test_backup.py",
    "hub/opt_outs.py": "cli/test_opt_outs_cli.py",
    "hub/outbox.py": "flows/test_outbox.py",
    "hub/query/bounds.py": "tasks/extract/query/test_query.py",
    "hub/parents.py": "flows/test_activity.py",
    "hub/query/postgresql.py": "tasks/extract/query/test_query_role.py",
    "hub/query/reach.py": "tasks/extract/query/test_query_refusals.py",
    "hub/query/sqlite.py": "tasks/extract/query/test_query_refusals.py",
    "hub/status.py": "cli/test_status_cli.py",
    "hub/subscriptions.py": "flows/leads/test_job_changes.py",
    "hub/still_there.py": "flows/test_remove_opted_out.py",
    "hub/tables.py": "tasks/hub/test_schema.py",
    "load/applier.py": "tasks/load/test_interrupted.py",
    "load/bookkeeping.py": "tasks/load/test_interrupted.py",
    "load/mirror.py": "tasks/load/test_versions.py",
    "load/record.py": "tasks/load/test_versions.py",
    "load/rolling.py": "tasks/load/test_interrupted.py",
    "load/settling.py": "tasks/load/test_interrupted.py",
    "load/since_planning.py": "tasks/load/test_reads_and_writes.py",
    "load/refused_records.py": "tasks/load/test_refused.py",
    "plan/claims.py": "tasks/plan/test_planner.py",
    "plan/closing.py": "tasks/plan/test_planner.py",
    "plan/current.py": "tasks/plan/test_planner.py",
    "plan/doubt.py": "tasks/plan/test_identify.py",
    "plan/draft.py": "tasks/plan/test_planner.py",
    "plan/filed.py": "tasks/plan/test_gather.py",
    "plan/keys.py": "tasks/plan/test_identify.py",
    "plan/merge.py": "tasks/plan/test_gather.py",
    "plan/parents.py": "flows/test_import_records.py",
    "plan/record_store.py": "tasks/plan/test_gather.py",
    "plan/spec.py": "cli/test_plan_cli.py",
    "plan/take_back.py": "tasks/load/test_undo.py",
    "plan/vet.py": "tasks/plan/test_planner.py",
    "mapping/transform/zones.py": "flows/test_import_records.py",
    "run/activity.py": "flows/test_activity.py",
    "run/applying.py": "tasks/load/test_undo.py",
    "run/job_changes.py": "flows/leads/test_job_changes.py",
    "run/job_deliveries.py": "flows/leads/test_job_changes.py",
    "run/opting_out.py": "cli/test_opt_outs_cli.py",
    "run/removing.py": "flows/test_remove_opted_out.py",
    "run/columns.py": "flows/test_import_values.py",
    "run/subjects.py": "tasks/run/test_judging.py",
    "run/companies.py": "flows/rules/test_link_businesses.py",
    "run/full_pass.py": "flows/test_sync_contacts.py",
    "run/outbox.py": "flows/test_outbox.py",
    "run/planning.py": "tasks/load/test_promises.py",
    "run/refresh.py": "tasks/load/test_reads_and_writes.py",
    "run/rule_notices.py": "flows/rules/test_notify_task_progress.py",
    "streams/account.py": "flows/test_activity.py",
    "streams/appointment.py": "tasks/load/test_activities.py",
    "streams/business.py": "tasks/load/test_businesses.py",
    "streams/contact.py": "tasks/mapping/transform/test_highlevel_contact_target.py",
    "streams/content.py": "tasks/vendors/highlevel/test_contact_content.py",
    "streams/crm_task.py": "tasks/plan/test_planner.py",
    "streams/custom_field.py": "tasks/mapping/transform/test_custom_values.py",
    "streams/model.py": "tasks/mapping/transform/test_highlevel_contact_target.py",
    "streams/note.py": "tasks/plan/test_planner.py",
    "vendors/highlevel/answers.py": "tasks/vendors/highlevel/test_gateway.py",
    "vendors/highlevel/api/account_records.py": "tasks/vendors/highlevel/api/test_locations.py",
    "vendors/highlevel/api/activity_writes.py": "tasks/vendors/highlevel/api/test_writes.py",
    "vendors/highlevel/api/calendars.py": "flows/test_activity.py",
    "vendors/highlevel/api/records.py": "tasks/vendors/highlevel/test_quirks_of_other_records.py",
    "vendors/highlevel/auth/authorization.py": "tasks/vendors/highlevel/auth/test_oauth.py",
    "vendors/catalog/actions.py": "tasks/vendors/highlevel/catalog/test_catalog.py",
    "vendors/catalog/requests.py": "tasks/vendors/highlevel/catalog/test_operations.py",
    "vendors/catalogs.py": "cli/test_operations_cli.py",
    "vendors/catalog/parameters.py": "tasks/vendors/highlevel/catalog/test_catalog.py",
    "vendors/highlevel/connection.py": "tasks/load/test_promises.py",
    "vendors/highlevel/contact_payload.py": "tasks/plan/test_planner.py",
    "vendors/highlevel/examine.py": "cli/test_connections_cli.py",
    "vendors/highlevel/readers/account.py": "flows/test_activity.py",
    "vendors/highlevel/readers/activity.py": "flows/test_activity.py",
    "vendors/highlevel/readers/businesses.py": "flows/test_businesses.py",
    "vendors/highlevel/readers/contacts.py": "tasks/vendors/highlevel/api/test_paging.py",
    "vendors/highlevel/readers/lists.py": "flows/test_activity.py",
    "vendors/highlevel/writers/activity_updates.py": "tasks/load/test_activities.py",
    "vendors/highlevel/writers/appointments.py": "tasks/load/test_activities.py",
    "vendors/highlevel/writers/activities.py": "tasks/load/test_undo_of_what_was_made.py",
    "vendors/highlevel/writers/businesses.py": "tasks/load/test_businesses.py",
    "vendors/highlevel/writers/changing.py": "tasks/load/test_businesses.py",
    "vendors/highlevel/writers/contacts.py": "tasks/load/test_clocks.py",
    "vendors/highlevel/writers/context.py": "tasks/load/test_traps.py",
    "vendors/highlevel/writers/groups.py": "tasks/load/test_traps.py",
    "vendors/highlevel/writers/lookup.py": "tasks/load/test_lookup.py",
    "vendors/highlevel/writers/making.py": "tasks/load/test_businesses.py",
    "vendors/highlevel/writers/removal.py": "tasks/load/test_undo_of_what_was_made.py",
    "vendors/highlevel/writers/table.py": "tasks/load/test_traps.py",
    "vendors/highlevel/writers/updates.py": "tasks/load/test_traps.py",
    "vendors/bodies.py": "tasks/vendors/highlevel/test_gateway.py",
    "vendors/gateway.py": "tasks/vendors/highlevel/test_gateway.py",
    "vendors/pacing.py": "tasks/vendors/highlevel/test_limits.py",
    "vendors/retry.py": "tasks/vendors/highlevel/test_client.py",
    "vendors/leads.py": "tasks/vendors/lusha/test_connection.py",
    "vendors/lusha/api/contacts.py": "tasks/vendors/lusha/test_connection.py",
    "vendors/lusha/api/endpoint.py": "tasks/vendors/lusha/test_connection.py",
    "vendors/lusha/api/tables.py": "tasks/vendors/lusha/test_connection.py",
    "vendors/lusha/api/usage.py": "tasks/vendors/lusha/test_connection.py",
    "vendors/lusha/apart.py": "tasks/vendors/lusha/test_connection.py",
    "vendors/lusha/catalog.py": "tasks/vendors/lusha/test_operations.py",
    "vendors/lusha/examine.py": "cli/test_connections_cli.py",
    "vendors/lusha/key.py": "tasks/vendors/lusha/test_client.py",
    "vendors/protocols.py": "tasks/load/test_versions.py",
    "edge/channel_block.py": "tasks/edge/test_notices.py",
    "edge/messages.py": "tasks/edge/test_notices.py",
    "edge/posting.py": "tasks/edge/test_notices.py",
    "mapping/company_domains.py": "tasks/mapping/test_companies.py",
    "mapping/mistakes.py": "tasks/mapping/test_language.py",
    "mapping/rules/calendars.py": "tasks/mapping/rules/test_moments.py",
    "mapping/rules/comparing.py": "tasks/mapping/rules/test_conditions.py",
    "mapping/rules/compile.py": "tasks/mapping/rules/test_language.py",
    "mapping/rules/filters.py": "tasks/mapping/rules/test_templates.py",
    "mapping/rules/known.py": "tasks/mapping/rules/test_names.py",
    "mapping/rules/operands.py": "tasks/mapping/rules/test_conditions.py",
    "mapping/rules/operators.py": "tasks/mapping/rules/test_conditions.py",
    "mapping/rules/refusal.py": "tasks/mapping/rules/test_conditions.py",
    "mapping/rules/rows.py": "tasks/mapping/rules/test_values.py",
    "mapping/rules/scope.py": "tasks/mapping/rules/test_names.py",
    "plan/children.py": "tasks/plan/test_enrolments.py",
    "plan/suggest.py": "tasks/load/test_company_rows.py",
    "streams/enrolment.py": "tasks/plan/test_enrolments.py",
    "vendors/highlevel/readers/called.py": "tasks/vendors/highlevel/test_called.py",
    "vendors/highlevel/writers/enrolments.py": "tasks/load/test_enrolments.py",
    "edge/lead_page.py": "flows/leads/test_lead_approvals.py",
    "edge/lead_sources.py": "flows/leads/test_lead_sources.py",
    "edge/leads.py": "flows/leads/test_push_leads.py",
    "extract/lead_columns.py": "tasks/extract/test_lead_rows.py",
    "hub/intake.py": "flows/leads/test_lead_sources.py",
    "hub/lookups.py": "flows/leads/test_enrich_contacts.py",
    "load/leads.py": "flows/leads/test_push_leads.py",
    "load/told_last.py": "flows/leads/test_do_not_call.py",
    "mapping/lead_search.py": "flows/leads/test_lead_sources.py",
    "run/lead_fields.py": "flows/leads/test_push_leads.py",
    "run/lead_links.py": "flows/leads/test_lead_sources.py",
    "run/lead_rows.py": "flows/leads/test_push_leads.py",
    "run/lead_sources.py": "flows/leads/test_lead_sources.py",
    "run/leads.py": "flows/leads/test_figures.py",
    "run/spending.py": "flows/leads/test_lead_faults.py",
    "streams/lead.py": "tasks/mapping/test_lead_mappings.py",
}
"""Modules that have no test file of their own, each with one that runs it."""

MODULES = sorted(
    path.relative_to(ENGINE).as_posix()
    for path in ENGINE.rglob("*.py")
    if path.name != "__init__.py" and "migrations" not in path.parts
)


def own(module: str) -> Path:
    """A module's test file."""
    place = Path(module)
    return TESTS / "tasks" / place.parent / f"test_{place.name}"


@pytest.mark.parametrize("module", MODULES)
def test_every_module_has_its_tests(module: str) -> None:
    assert own(module).is_file() or module in WHOLE, f"tasks/{module} has no {own(module).relative_to(TESTS)}"


@pytest.mark.parametrize("module", WHOLE)
def test_what_is_named_here_is_there_and_has_no_file_of_its_own(module: str) -> None:
    assert module in MODULES, f"tasks/{module} is no more: take it off the list"
    assert not own(module).exists(), f"tasks/{module} has its own test file: take it off the list"
    assert (TESTS / WHOLE[module]).is_file()
