package dev.cetera.rpc;

import dev.cetera.node.Answer;
import dev.cetera.node.Caller;
import dev.cetera.node.Node;

/// What watching needs to know of the member it runs in. Any thread may call; plain reads of memory.
public interface WatchMember {
    /// For response headers.
    long clusterId();

    /// For response headers.
    long memberId();

    /// The raft term, for response headers.
    long term();

    /// Whether some member is known to lead.
    boolean hasLeader();

    /// Finds out whom a token was given to; refused when it is not good.
    void identify(String token, Answer<Caller> answer);

    /// Whether a caller may watch a range, written as in a request.
    boolean mayWatch(Caller caller, byte[] key, byte[] rangeEnd);

    /// Another number whenever callers may have other rights than before.
    long rightsMoment();

    static WatchMember of(Node node) {
        return new WatchMember() {
            @Override
            public long clusterId() {
                return node.clusterId();
            }

            @Override
            public long memberId() {
                return node.memberId();
            }

            @Override
            public long term() {
                return node.term();
            }

            @Override
            public boolean hasLeader() {
                return node.hasLeader();
            }

            @Override
            public void identify(String token, Answer<Caller> answer) {
                node.identify(token, answer);
            }

            @Override
            public boolean mayWatch(Caller caller, byte[] key, byte[] rangeEnd) {
                return node.as(caller).mayWatch(key, rangeEnd) == null;
            }

            @Override
            public long rightsMoment() {
                return node.asksWho() ? node.authRevision() : 0;
            }
        };
    }
}
