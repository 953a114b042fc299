package dev.cetera.node;

import dev.cetera.wal.WalOptions;
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
                meters,
                resolve,
                reading,
                continueSoon,
                published,
                other,
                fatal);
    }
}
