package dev.cetera.raft;

import java.util.Arrays;
import java.util.function.LongUnaryOperator;

/// The counting rules for one set of voters: more than half of them decide.
final class Quorum {
    private Quorum() {}

    enum Verdict {
        WON,
        LOST,
        OPEN
    }

    /// What one voter has said.
    enum Answer {
        YES,
        NO,
        NONE
    }

    @FunctionalInterface
    interface Answers {
        Answer of(long voter);
    }

    /// The highest value that a quorum has reached; no voters stand in nobody's way.
    static long reached(long[] voters, LongUnaryOperator valueOf) {
        if (voters.length == 0) {
            return Long.MAX_VALUE;
        }
        if (voters.length == 1) {
            return valueOf.applyAsLong(voters[0]);
        }
        var values = new long[voters.length];
        for (int i = 0; i < voters.length; i++) {
            values[i] = valueOf.applyAsLong(voters[i]);
        }
        Arrays.sort(values);
        return values[values.length - majority(voters.length)];
    }

    static Verdict verdict(long[] voters, Answers answers) {
        int yes = 0;
        int no = 0;
        for (long voter : voters) {
            switch (answers.of(voter)) {
                case YES -> yes++;
                case NO -> no++;
                case NONE -> {}
            }
        }
        if (voters.length == 0 || yes >= majority(voters.length)) {
            return Verdict.WON;
        }
        return voters.length - no < majority(voters.length) ? Verdict.LOST : Verdict.OPEN;
    }

    private static int majority(int voters) {
        return voters / 2 + 1;
    }
}
