package dev.cetera.client.naming;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.cetera.client.Client;
import dev.cetera.client.EtcdException;
import dev.cetera.client.KeyRange;
import dev.cetera.client.KeyView;
import io.grpc.EquivalentAddressGroup;
import io.grpc.NameResolver;
import io.grpc.Status;
import io.grpc.StatusOr;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// One service as one channel sees it: a view of its addresses. gRPC asks again, with pauses, as long as there
/// is none. Guarded by its lock.
final class Followed extends NameResolver {
    private static final System.Logger LOG = System.getLogger("dev.cetera.client");

    private final Client client;
    private final String service;
    private final Executor mayWait;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private @Nullable Listener2 listener;

    @GuardedBy("lock")
    private @Nullable KeyView view;

    @GuardedBy("lock")
    private boolean opening;

    @GuardedBy("lock")
    private boolean shut;

    /// @param mayWait runs what waits for members
    Followed(Client client, String service, Executor mayWait) {
        this.client = client;
        this.service = service;
        this.mayWait = mayWait;
    }

    @Override
    public String getServiceAuthority() {
        return service;
    }

    @Override
    public void start(Listener2 channel) {
        lock.lock();
        try {
            listener = channel;
        } finally {
            lock.unlock();
        }
        refresh();
    }

    @Override
    public void refresh() {
        lock.lock();
        try {
            if (shut || opening || view != null) {
                return;
            }
            opening = true;
        } finally {
            lock.unlock();
        }
        mayWait.execute(this::open);
    }

    private void open() {
        @Nullable KeyView opened = null;
        @Nullable EtcdException failed = null;
        try {
            opened = client.view(KeyRange.prefix(Naming.prefix(service)));
        } catch (EtcdException e) {
            failed = e;
        }
        boolean unwanted;
        lock.lock();
        try {
            opening = false;
            unwanted = shut;
            view = unwanted ? null : opened;
        } finally {
            lock.unlock();
        }
        if (opened != null && unwanted) {
            opened.close();
        } else if (opened != null) {
            opened.onChange(changes -> tell());
            var unused = opened.ended().thenAccept(this::ended);
            tell();
        } else if (failed != null) {
            failed(failed);
        }
    }

    private void ended(EtcdException why) {
        lock.lock();
        try {
            view = null;
        } finally {
            lock.unlock();
        }
        failed(why);
    }

    private void failed(EtcdException why) {
        var told = listening();
        if (told != null) {
            told.onError(Status.UNAVAILABLE.withDescription("etcd:///" + service + ": " + why.text()));
        }
    }

    private @Nullable Listener2 listening() {
        lock.lock();
        try {
            return shut ? null : listener;
        } finally {
            lock.unlock();
        }
    }

    /// In turn, so that an older list can't come after a newer one.
    private void tell() {
        lock.lock();
        try {
            if (!shut && view != null && listener != null) {
                listener.onResult(ResolutionResult.newBuilder()
                        .setAddressesOrError(StatusOr.fromValue(addresses(view)))
                        .build());
            }
        } finally {
            lock.unlock();
        }
    }

    private List<EquivalentAddressGroup> addresses(KeyView from) {
        int before = Naming.prefix(service).length();
        var all = new ArrayList<EquivalentAddressGroup>();
        for (var each : from.all()) {
            var text = each.key().without(before).string();
            int colon = text.lastIndexOf(':');
            try {
                var host = text.substring(0, colon).replaceAll("^\\[|\\]$", "");
                int port = Integer.parseInt(text.substring(colon + 1));
                all.add(new EquivalentAddressGroup(new InetSocketAddress(host, port)));
            } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
                LOG.log(System.Logger.Level.WARNING, "an address of " + service + " is not host:port: " + text);
            }
        }
        return all;
    }

    @Override
    public void shutdown() {
        lock.lock();
        try {
            shut = true;
            if (view != null) {
                view.close();
            }
        } finally {
            lock.unlock();
        }
    }
}
