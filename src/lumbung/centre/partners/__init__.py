"""Partners: needs and offers, matching, support, facilities, projects and seasons. Decisions are cooperation's."""
