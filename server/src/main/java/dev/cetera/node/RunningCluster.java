package dev.cetera.node;

import dev.cetera.logs.Log;
import dev.cetera.node.Peers.ClusterView;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// What the members of a cluster say of it to one that starts. Blocks its caller, for a start only.
final class RunningCluster {
    private static final Log LOG = Log.of("etcdserver");

    /// What came of asking.
    sealed interface Answer {}

    record Found(ClusterView view) implements Answer {}

    /// @param whyNot by URL, in the order in which they were asked
    record NotFound(List<String> whyNot) implements Answer {}

    private final Peers peers;

    RunningCluster(Peers peers) {
        this.peers = peers;
    }

    /// Asks at one URL after the other until one answers.
    ///
    /// @param nanos to wait at each
    Answer ask(List<String> urls, long nanos) throws StartException {
        var whyNot = new ArrayList<String>();
        for (var url : urls) {
            try {
                return new Found(wait(peers.members(url), nanos));
            } catch (PeerException failed) {
                // What a member answered is the whole line already.
                whyNot.add(
                        failed.getCause() instanceof TimeoutException
                                ? "could not get cluster response from " + url + ": " + failed.getMessage()
                                : failed.getMessage());
            }
        }
        return new NotFound(whyNot);
    }

    /// @throws PeerException  when there is no answer in time, or it is none
    /// @throws StartException when this start is being given up
    static <T> T wait(CompletableFuture<T> answer, long nanos) throws PeerException, StartException {
        try {
            return answer.get(nanos, TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            throw new PeerException("no answer in time", late);
        } catch (ExecutionException failed) {
            var cause = failed.getCause();
            throw new PeerException(String.valueOf(cause == null ? failed.getMessage() : cause.getMessage()), failed);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new StartException("interrupted while asking the other members", stopped);
        }
    }

    static void tell(NotFound found) {
        found.whyNot().forEach(LOG::warning);
    }
}
