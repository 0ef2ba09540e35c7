"""The sample data's fictional company: its people, its customers, its deals and what its CRM exported."""
