"""What people write in the cells of a spreadsheet, a kind a module."""
