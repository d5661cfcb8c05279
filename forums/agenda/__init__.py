"""The agenda: public activities by date, what enterprises propose, and seasons."""
