package dev.cetera.config;

/// How a member takes part in its cluster. Immutable.
///
/// @param beginning          what a member without data does
/// @param restart            what a member with data does
/// @param caution            whether changes of the membership that may cost the quorum are refused
/// @param preVote            ask whether an election could be won before disturbing anybody with a new term
/// @param initialCheck       compare the keys with the other members' before serving
/// @param checkIntervalNanos between two comparisons of a leader's keys with the others'; 0 for none
public record Clustering(
        Beginning beginning,
        Restart restart,
        Caution caution,
        boolean preVote,
        boolean initialCheck,
        long checkIntervalNanos) {
    /// What a member without data does.
    public enum Beginning {
        FOUND,
        /// Asks the members of a running cluster, which has added it already, who it is.
        JOIN
    }

    /// What a member with data does.
    public enum Restart {
        AS_MEMBER,
        /// Removes all others and goes on alone.
        ALONE
    }

    /// How changes of the membership are looked at before they are proposed.
    public enum Caution {
        STRICT,
        NONE
    }

    /// Founds, goes on as it was, is strict, checks nothing.
    public static final Clustering DEFAULTS =
            new Clustering(Beginning.FOUND, Restart.AS_MEMBER, Caution.STRICT, false, false, 0);

    public Clustering withBeginning(Beginning other) {
        return new Clustering(other, restart, caution, preVote, initialCheck, checkIntervalNanos);
    }

    public Clustering withRestart(Restart other) {
        return new Clustering(beginning, other, caution, preVote, initialCheck, checkIntervalNanos);
    }

    public Clustering withCaution(Caution other) {
        return new Clustering(beginning, restart, other, preVote, initialCheck, checkIntervalNanos);
    }

    public Clustering withPreVote(boolean on) {
        return new Clustering(beginning, restart, caution, on, initialCheck, checkIntervalNanos);
    }

    public Clustering withChecks(boolean initial, long intervalNanos) {
        return new Clustering(beginning, restart, caution, preVote, initial, intervalNanos);
    }
}
