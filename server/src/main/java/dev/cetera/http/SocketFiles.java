package dev.cetera.http;

import dev.cetera.logs.Log;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/// The files of Unix sockets. They stay when a socket is closed, and nobody can bind where one is; so a member
/// removes its own in the end, and before it binds those that others have left behind.
final class SocketFiles {
    private static final Log LOG = Log.of("embed");

    private SocketFiles() {}

    /// As Go calls the address's network.
    static String network(SocketAddress address) {
        return address instanceof InetSocketAddress ? "tcp" : "unix";
    }

    /// Makes room for a socket: removes a socket's file at which nobody listens. (Binding itself would remove
    /// whatever there is.)
    ///
    /// @throws BindException when somebody listens there, or there is any other file
    static void prepare(SocketAddress address) throws IOException {
        var file = path(address);
        if (file == null || !Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!isSocket(file) || isServed(file)) {
            throw new BindException("Address already in use");
        }
        Files.deleteIfExists(file);
    }

    /// Removes the file of an address that was bound here and is being closed.
    static void remove(SocketAddress address) {
        try {
            var file = path(address);
            if (file != null && isSocket(file)) {
                Files.deleteIfExists(file);
            }
        } catch (IOException failed) {
            LOG.warning("cannot remove the socket's file " + address + " (" + failed.getMessage() + ")");
        }
    }

    private static @Nullable Path path(SocketAddress address) {
        return switch (address) {
            case DomainSocketAddress unix -> Path.of(unix.path());
            case UnixDomainSocketAddress unix -> unix.getPath();
            default -> null;
        };
    }

    private static boolean isSocket(Path file) {
        try {
            return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .isOther();
        } catch (IOException absent) {
            return false;
        }
    }

    private static boolean isServed(Path file) {
        try (var _ = SocketChannel.open(UnixDomainSocketAddress.of(file))) {
            return true;
        } catch (IOException refused) {
            return false;
        }
    }
}
