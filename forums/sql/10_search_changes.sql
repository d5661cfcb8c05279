-- What visitors search of this package notes its changes for search indexes (pole/sql/03_search_changes.sql).

CREATE OR REPLACE TRIGGER forums_forum_changes_search
AFTER INSERT OR DELETE OR UPDATE ON forums_forum
FOR EACH ROW EXECUTE FUNCTION pole_note_search_change('forums');
COMMENT ON TRIGGER forums_forum_changes_search ON forums_forum IS
    'Visitors search forums.';

CREATE OR REPLACE TRIGGER forums_forum_truncated_changes_search
AFTER TRUNCATE ON forums_forum
FOR EACH STATEMENT EXECUTE FUNCTION pole_note_search_changes('forums');
COMMENT ON TRIGGER forums_forum_truncated_changes_search ON forums_forum IS
    'All forums are gone.';

CREATE OR REPLACE TRIGGER forums_recommendation_changes_search
AFTER INSERT OR DELETE OR UPDATE ON forums_recommendation
FOR EACH ROW EXECUTE FUNCTION pole_note_search_change('recommendations');
COMMENT ON TRIGGER forums_recommendation_changes_search ON forums_recommendation IS
    'Visitors search recommendations.';

CREATE OR REPLACE TRIGGER forums_recommendation_truncated_changes_search
AFTER TRUNCATE ON forums_recommendation
FOR EACH STATEMENT EXECUTE FUNCTION pole_note_search_changes('recommendations');
COMMENT ON TRIGGER forums_recommendation_truncated_changes_search ON forums_recommendation IS
    'All recommendations are gone.';

CREATE OR REPLACE TRIGGER forums_priority_changes_search
AFTER INSERT OR DELETE OR UPDATE ON forums_priority
FOR EACH ROW EXECUTE FUNCTION pole_note_search_change('results');
COMMENT ON TRIGGER forums_priority_changes_search ON forums_priority IS
    'Visitors search priorities.';

CREATE OR REPLACE TRIGGER forums_priority_truncated_changes_search
AFTER TRUNCATE ON forums_priority
FOR EACH STATEMENT EXECUTE FUNCTION pole_note_search_changes('results');
COMMENT ON TRIGGER forums_priority_truncated_changes_search ON forums_priority IS
    'All priorities are gone.';

CREATE OR REPLACE TRIGGER forums_results_changes_search
AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE ON forums_results
FOR EACH STATEMENT EXECUTE FUNCTION pole_note_search_changes('results');
COMMENT ON TRIGGER forums_results_changes_search ON forums_results IS
    'Priorities can be read, and found, once their results are published.';
