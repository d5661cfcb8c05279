-- What ANALYZE samples of a column, for the planner, outlives its rows: neither VACUUM nor an ANALYZE of the emptied table takes
-- it away. Of ballots, of the secret and of addresses on the roll, nothing is sampled: lookups are by unique indexes.

ALTER TABLE forums_ballot
    ALTER COLUMN id SET STATISTICS 0,
    ALTER COLUMN voter_key SET STATISTICS 0,
    ALTER COLUMN choices SET STATISTICS 0,
    ALTER COLUMN receipt_hash SET STATISTICS 0,
    ALTER COLUMN idempotency_key_hashes SET STATISTICS 0;
-- Not of accounts and registrations: they are in their own tables, and the planner finds whoever comes late by them.
ALTER TABLE forums_rollentry
    ALTER COLUMN email_hash SET STATISTICS 0;
ALTER TABLE forums_roundsecret
    ALTER COLUMN inner_block SET STATISTICS 0,
    ALTER COLUMN outer_block SET STATISTICS 0,
    ALTER COLUMN seed SET STATISTICS 0,
    ALTER COLUMN closing_receipts SET STATISTICS 0;
ALTER TABLE forums_paperballot
    ALTER COLUMN serial SET STATISTICS 0,
    ALTER COLUMN outcome SET STATISTICS 0,
    ALTER COLUMN choices SET STATISTICS 0,
    ALTER COLUMN resolved_because SET STATISTICS 0;
ALTER TABLE forums_papertyping
    ALTER COLUMN typist SET STATISTICS 0,
    ALTER COLUMN typist_name SET STATISTICS 0,
    ALTER COLUMN outcome SET STATISTICS 0,
    ALTER COLUMN choices SET STATISTICS 0;
