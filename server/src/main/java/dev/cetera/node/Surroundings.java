package dev.cetera.node;

import dev.cetera.auth.Bcrypt;
import dev.cetera.auth.Hashing;
import dev.cetera.token.Tokens;
import dev.cetera.wal.WalOptions;
import java.security.SecureRandom;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/// What the owner of an [Engine] brings: everything that is not deterministic, and whom to tell.
///
/// @param link         to the other members
/// @param peers        to ask them
/// @param seed         of the election timeouts
/// @param walOptions   how the log is cut
/// @param logLimits    how much of it stays in memory
/// @param tokens       that clients hold
/// @param hashing      of passwords
/// @param meters       told what happens
/// @param resolve      a URL with its host's name resolved to an address; the same URL where the host is one,
///                     or can't be resolved. May block; only called by [Engine#open]
/// @param reading      runs what follows a linearizable read: never called with more tasks than readers wait
/// @param continueSoon brings the next [Engine#compactMore] after a pause
/// @param published    told once, when this member's attributes are known to the cluster and it may serve
/// @param removed      told once, when this member was removed from the cluster for good: it must stop, in
///                     good order
/// @param fatal        told once, when the member can't go on; it must stop at once
public record Surroundings(
        Time time,
        Link link,
        Peers peers,
        long seed,
        WalOptions walOptions,
        LogLimits logLimits,
        Tokens tokens,
        Hashing hashing,
        Meters meters,
        UnaryOperator<String> resolve,
        Executor reading,
        Runnable continueSoon,
        Runnable published,
        Runnable removed,
        Consumer<Throwable> fatal) {
    /// Of a member that tells nobody anything but its failure; what follows a read is run by whoever frees it.
    public static Surroundings of(Time time, Link link, Peers peers, long seed, Consumer<Throwable> fatal) {
        return new Surroundings(
                time,
                link,
                peers,
                seed,
                WalOptions.DEFAULTS,
                LogLimits.DEFAULTS,
                Tokens.none(),
                new Bcrypt(Bcrypt.COST, new SecureRandom()),
                Meters.NONE,
                url -> url,
                Runnable::run,
                () -> {},
                () -> {},
                () -> {},
                fatal);
    }

    public Surroundings withWalOptions(WalOptions other) {
        return new Surroundings(
                time,
                link,
                peers,
                seed,
                other,
                logLimits,
                tokens,
                hashing,
                meters,
                resolve,
                reading,
                continueSoon,
                published,
                removed,
                fatal);
    }

    public Surroundings withLogLimits(LogLimits other) {
        return new Surroundings(
                time,
                link,
                peers,
                seed,
                walOptions,
                other,
                tokens,
                hashing,
                meters,
                resolve,
                reading,
                continueSoon,
                published,
                removed,
                fatal);
    }

    public Surroundings withTokens(Tokens other) {
        return new Surroundings(
                time,
                link,
                peers,
                seed,
                walOptions,
                logLimits,
                other,
                hashing,
                meters,
                resolve,
                reading,
                continueSoon,
                published,
                removed,
                fatal);
    }

    public Surroundings withHashing(Hashing other) {
        return new Surroundings(
                time,
                link,
                peers,
                seed,
                walOptions,
                logLimits,
                tokens,
                other,
                meters,
                resolve,
                reading,
                continueSoon,
                published,
                removed,
                fatal);
    }

    public Surroundings withMeters(Meters other) {
        return new Surroundings(
                time,
                link,
                peers,
                seed,
                walOptions,
                logLimits,
                tokens,
                hashing,
                other,
                resolve,
                reading,
                continueSoon,
                published,
                removed,
                fatal);
    }

    public Surroundings withResolve(UnaryOperator<String> other) {
        return new Surroundings(
                time,
                link,
                peers,
                seed,
                walOptions,
                logLimits,
                tokens,
                hashing,
                meters,
                other,
                reading,
                continueSoon,
                published,
                removed,
                fatal);
    }

    public Surroundings withReading(Executor other) {
        return new Surroundings(
                time,
                link,
                peers,
                seed,
                walOptions,
                logLimits,
                tokens,
                hashing,
                meters,
                resolve,
                other,
                continueSoon,
                published,
                removed,
                fatal);
    }

    public Surroundings withContinueSoon(Runnable other) {
        return new Surroundings(
                time,
                link,
                peers,
                seed,
                walOptions,
                logLimits,
                tokens,
                hashing,
                meters,
                resolve,
                reading,
                other,
                published,
                removed,
                fatal);
    }

    public Surroundings withPublished(Runnable other) {
        return new Surroundings(
                time,
                link,
                peers,
                seed,
                walOptions,
                logLimits,
                tokens,
                hashing,
                meters,
                resolve,
                reading,
                continueSoon,
                other,
                removed,
                fatal);
    }

    public Surroundings withRemoved(Runnable other) {
        return new Surroundings(
                time,
                link,
                peers,
                seed,
                walOptions,
                logLimits,
                tokens,
                hashing,
                meters,
                resolve,
                reading,
                continueSoon,
                published,
                other,
                fatal);
    }
}
