package dev.cetera.node;

import dev.cetera.api.Refusal;
import dev.cetera.cluster.Member;
import dev.cetera.cluster.Membership;
import dev.cetera.raft.Status;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;

/// Questions of clients that only the leader can answer, put to it again and again until it does or their time
/// is over. Where nobody is known to lead they wait.
///
/// Guarded by its own lock; answers are given, and others asked, outside of it.
final class LeaderQuestions {
    /// Beyond it new ones are refused.
    private static final int MAX_OPEN = 65_536;

    private final long memberId;
    private final BooleanSupplier answersHere;
    private final Supplier<Status> status;
    private final Supplier<Membership> members;

    // ---- guarded by this ----
    private final Set<Question<?>> open = new LinkedHashSet<>();
    private boolean stopping;

    /// One question.
    ///
    /// @param <T>           of its answer
    /// @param there         asks another member
    /// @param here          takes the question over, where this member can answer it itself
    /// @param deadlineNanos by [Time#nanos]
    record Asked<T>(
            Function<Member, CompletableFuture<T>> there, Runnable here, Answer<T> answer, long deadlineNanos) {}

    private static final class Question<T> {
        final Asked<T> asked;
        /// Whether its answer is on the way. Guarded by the lock of [LeaderQuestions].
        boolean underWay;

        Question(Asked<T> asked) {
            this.asked = asked;
        }
    }

    /// @param answersHere whether this member, leading, is ready to answer
    LeaderQuestions(long memberId, BooleanSupplier answersHere, Supplier<Status> status, Supplier<Membership> members) {
        this.memberId = memberId;
        this.answersHere = answersHere;
        this.status = status;
        this.members = members;
    }

    <T> void ask(Asked<T> asked) {
        var question = new Question<>(asked);
        Refusal refusal;
        synchronized (this) {
            refusal = stopping ? Refusal.STOPPED : open.size() >= MAX_OPEN ? Refusal.TOO_MANY_REQUESTS : null;
            if (refusal == null) {
                open.add(question);
            }
        }
        if (refusal != null) {
            asked.answer().refused(refusal);
        } else {
            put(question);
        }
    }

    private <T> void put(Question<T> question) {
        long leader = status.get().leader();
        if (leader == memberId) {
            if (answersHere.getAsBoolean() && take(question)) {
                question.asked.here().run();
            }
            return;
        }
        var member = leader == 0 ? null : members.get().member(leader);
        if (member == null || !begin(question)) {
            return;
        }
        var _ = question.asked.there().apply(member).whenComplete((value, failure) -> {
            if (failure != null) {
                again(question);
            } else if (take(question)) {
                question.asked.answer().done(value);
            }
        });
    }

    private synchronized boolean begin(Question<?> question) {
        if (question.underWay || !open.contains(question)) {
            return false;
        }
        question.underWay = true;
        return true;
    }

    /// Not at once: whoever refuses would be asked without a pause.
    private synchronized void again(Question<?> question) {
        question.underWay = false;
    }

    private synchronized boolean take(Question<?> question) {
        return open.remove(question);
    }

    /// Every tick: asks again what found nobody, or no answer.
    void tick() {
        waiting().forEach(this::put);
    }

    private synchronized List<Question<?>> waiting() {
        var waiting = new ArrayList<Question<?>>();
        for (var question : open) {
            if (!question.underWay) {
                waiting.add(question);
            }
        }
        return waiting;
    }

    /// Gives up on those whose time is over.
    void expire(long nowNanos) {
        var late = new ArrayList<Question<?>>();
        synchronized (this) {
            open.removeIf(question -> nowNanos - question.asked.deadlineNanos() >= 0 && late.add(question));
        }
        var why = status.get().leader() == 0 ? Refusal.NO_LEADER : Refusal.TIMED_OUT;
        late.forEach(question -> question.asked.answer().refused(why));
    }

    /// Refuses all, and all that come later.
    void close() {
        List<Question<?>> rest;
        synchronized (this) {
            stopping = true;
            rest = List.copyOf(open);
            open.clear();
        }
        rest.forEach(question -> question.asked.answer().refused(Refusal.STOPPED));
    }
}
