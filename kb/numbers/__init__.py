"""What is counted, for pages and for programs: what goes on, what left the building, what waits for a person."""
