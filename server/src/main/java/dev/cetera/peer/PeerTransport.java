package dev.cetera.peer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cetera.cluster.Member;
import dev.cetera.cluster.Membership;
import dev.cetera.http.Transport;
import dev.cetera.node.Inbound;
import dev.cetera.node.Link;
import dev.cetera.node.OutgoingSnapshot;
import dev.cetera.node.Time;
import dev.cetera.raft.Message;
import dev.cetera.tls.ClientTls;
import io.netty.channel.ChannelHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One member's side of the peer protocol. Made before the member is opened, so that the member can be told of
/// it; what comes in is taken from [#start] on. Until then members and remotes are only remembered, messages
/// are dropped, and requests are answered with 503.
///
/// Shared: any thread may call any method, and none blocks but [#close].
public final class PeerTransport implements Link, AutoCloseable {
    /// Whoever knows the cluster's id can be a remote; there is no use for many.
    private static final int MAX_REMOTES = 64;

    private static final long STOP_SECONDS = 2;

    private final Transport transport;
    private final ClientTls tls;
    private final PeerOptions options;
    private final PeerMeters meters;
    private final Time time;
    private final MergedLog log;
    private final MergedLog serverLog;
    private final ExecutorService files;
    private final Map<Long, Peer> peers = new ConcurrentHashMap<>();
    private final Map<Long, Remote> remotes = new ConcurrentHashMap<>();
    private final Serving serving;
    private volatile @Nullable Surroundings around;

    @GuardedBy("this")
    private @Nullable Membership membersBefore;

    @GuardedBy("this")
    private List<Member> remotesBefore = List.of();

    @GuardedBy("this")
    private @Nullable Future<?> summaries;

    @GuardedBy("this")
    private boolean closed;

    /// @param transport whose event loops carry all connections; closed by its owner, after this one
    /// @param tls       for connections to members whose URLs are `https` or `unixs`
    public PeerTransport(Transport transport, ClientTls tls, PeerOptions options, PeerMeters meters, Time time) {
        this.transport = transport;
        this.tls = tls;
        this.options = options;
        this.meters = meters;
        this.time = time;
        log = new MergedLog("rafthttp", time);
        serverLog = new MergedLog("etcdserver", time);
        files = Executors.newCachedThreadPool(new DefaultThreadFactory("peer-file", true));
        serving = new Serving(this);
    }

    /// Opens the connections to all members and takes theirs. Called once.
    public synchronized void start(Inbound inbound) {
        var incoming = new Incoming(inbound, log, serverLog, meters);
        var dialer = new Dialer(transport, tls, options.dialNanos(), files);
        around = new Surroundings(inbound, options, meters, time, log, dialer, incoming, files);
        summaries = transport
                .workers()
                .next()
                .scheduleAtFixedRate(
                        () -> {
                            log.summarise();
                            serverLog.summarise();
                        },
                        1,
                        1,
                        TimeUnit.SECONDS);
        if (membersBefore != null) {
            members(membersBefore);
        }
        remotes(remotesBefore);
    }

    /// The handler for one new connection of the peer port, right behind its [HttpServerCodec] and in front of
    /// any aggregator: it serves the paths under `/raft`, passes the parts of every other request on, and
    /// closes a connection on which nothing moves for 5 s while the client should send or read. So the port
    /// needs no deadline of its own for HTTP/1.1; one that stood behind this handler would not see the streams
    /// and must not close them.
    ///
    /// [HttpServerCodec]: io.netty.handler.codec.http.HttpServerCodec
    public ChannelHandler newHandler() {
        return new RaftHandler(serving, options.silenceNanos());
    }

    @Override
    public void send(List<Message> messages) {
        for (var message : messages) {
            if (message instanceof Message.InstallSnapshot) {
                throw new IllegalArgumentException("a snapshot goes by another way: " + message);
            }
            var peer = peers.get(message.to());
            if (peer != null) {
                peer.send(message);
                continue;
            }
            var remote = remotes.get(message.to());
            if (remote != null) {
                remote.send(message);
            }
        }
        peers.values().forEach(Peer::wake);
        remotes.values().forEach(Remote::wake);
    }

    @Override
    public void sendSnapshot(OutgoingSnapshot snapshot) {
        var peer = peers.get(snapshot.message().to());
        if (peer != null) {
            peer.sendSnapshot(snapshot);
            return;
        }
        try {
            files.execute(() -> drop(snapshot));
        } catch (RejectedExecutionException stopped) {
            drop(snapshot);
        }
    }

    /// To nobody.
    private void drop(OutgoingSnapshot snapshot) {
        try {
            snapshot.database().close();
        } catch (IOException failed) {
            log.warning("cannot close a database that was not sent (" + failed + ")");
        }
        var known = around;
        if (known != null) {
            known.inbound().snapshotDelivered(snapshot.message().to(), false);
        }
    }

    @Override
    public synchronized void members(Membership now) {
        var known = around;
        if (known == null) {
            membersBefore = now;
            return;
        }
        if (closed) {
            return;
        }
        Set<Long> gone = new LinkedHashSet<>(peers.keySet());
        for (var member : now.members()) {
            gone.remove(member.id());
            if (member.id() != known.inbound().memberId()) {
                add(member, known);
            }
        }
        for (long id : gone) {
            var peer = peers.remove(id);
            if (peer != null) {
                peer.close();
                log.info("removed peer " + Long.toHexString(id));
            }
        }
        for (long id : now.removed()) {
            var remote = remotes.remove(id);
            if (remote != null) {
                remote.close();
            }
        }
    }

    @GuardedBy("this")
    private void add(Member member, Surroundings known) {
        var shown = Long.toHexString(member.id());
        List<PeerUrl> urls = new ArrayList<>();
        var parsed = PeerUrl.parseAll(member.peerUrls());
        if (parsed == null) {
            log.error("peer " + shown + " has no usable peer URLs: " + member.peerUrls());
        } else {
            urls.addAll(parsed);
        }
        var peer = peers.get(member.id());
        if (peer == null) {
            peers.put(
                    member.id(),
                    new Peer(member.id(), urls, known, transport.workers().next()));
            log.info("added peer " + shown);
        } else if (!peer.urls().equals(urls)) {
            peer.update(urls);
            log.info("updated peer " + shown);
        }
        var remote = remotes.remove(member.id());
        if (remote != null) {
            remote.close();
        }
    }

    @Override
    public synchronized void remotes(List<Member> others) {
        if (around == null) {
            remotesBefore = List.copyOf(others);
            return;
        }
        for (var other : others) {
            addRemote(other.id(), other.peerUrls());
        }
    }

    /// Somebody with this id said so, or was found among the members. Whoever is a member is none.
    synchronized void addRemote(long id, List<String> peerUrls) {
        var known = around;
        if (known == null || closed || id == 0 || id == known.inbound().memberId()) {
            return;
        }
        if (peers.containsKey(id)
                || remotes.containsKey(id)
                || known.inbound().membership().isRemoved(id)) {
            return;
        }
        var urls = PeerUrl.parseAll(peerUrls);
        if (urls == null) {
            log.merged("refused the peer URLs of " + Long.toHexString(id) + ": " + peerUrls);
        } else if (remotes.size() == MAX_REMOTES) {
            log.merged("refused another remote beside " + MAX_REMOTES);
        } else {
            remotes.put(id, new Remote(id, urls, known, transport.workers().next()));
        }
    }

    @Override
    public OptionalLong activeSince(long member) {
        var peer = peers.get(member);
        return peer == null ? OptionalLong.empty() : peer.activeSince();
    }

    @Nullable
    Peer peer(long id) {
        return peers.get(id);
    }

    /// Null before [#start] and after [#close].
    @Nullable
    Surroundings around() {
        return around;
    }

    /// Closes all connections. What arrives after that is refused.
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            around = null;
            if (summaries != null) {
                summaries.cancel(false);
            }
            peers.values().forEach(Peer::close);
            peers.clear();
            remotes.values().forEach(Remote::close);
            remotes.clear();
        }
        files.shutdown();
        try {
            if (!files.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
                var _ = files.shutdownNow();
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
