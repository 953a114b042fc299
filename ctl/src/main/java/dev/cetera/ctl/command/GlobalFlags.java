package dev.cetera.ctl.command;

import dev.cetera.client.Client;
import dev.cetera.client.transport.Settings;
import dev.cetera.ctl.line.Flag;
import dev.cetera.ctl.line.Flags;
import dev.cetera.ctl.print.GoNumbers;
import dev.cetera.ctl.rpc.Target;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Flags that every command takes.
public final class GlobalFlags {
    public static final List<Flag> ALL = List.of(
            Flag.list("endpoints", "127.0.0.1:2379", "gRPC endpoints"),
            Flag.bool("debug", false, "enable client-side debug logging"),
            Flag.text("write-out", "simple", "set the output format (fields, json, protobuf, simple, table)")
                    .or("w"),
            Flag.bool("hex", false, "print byte strings as hex encoded strings"),
            Flag.duration("dial-timeout", "2s", "dial timeout for client connections"),
            Flag.duration("command-timeout", "5s", "timeout for short running command (excluding dial timeout)"),
            Flag.duration("keepalive-time", "2s", "keepalive time for client connections"),
            Flag.duration("keepalive-timeout", "6s", "keepalive timeout for client connections"),
            Flag.bool("insecure-transport", true, "disable transport security for client connections"),
            Flag.bool("insecure-discovery", true, "accept insecure SRV records describing cluster endpoints"),
            Flag.bool(
                    "insecure-skip-tls-verify",
                    false,
                    "skip server certificate verification (CAUTION: this option should be enabled only for testing"
                            + " purposes)"),
            Flag.text("cert", "", "identify secure client using this TLS certificate file"),
            Flag.text("key", "", "identify secure client using this TLS key file"),
            Flag.text("cacert", "", "verify certificates of TLS-enabled secure servers using this CA bundle"),
            Flag.text("user", "", "username[:password] for authentication (prompt if password is not supplied)"),
            Flag.text("discovery-srv", "", "domain name to query for SRV records describing cluster endpoints")
                    .or("d"));

    private static final String PREFIX = "ETCDCTL_";

    private GlobalFlags() {}

    /// Sets from the environment what the command line has not.
    public static void fromEnvironment(Flags flags, Map<String, String> environment, Warnings warnings) {
        var rest = new TreeMap<>(environment);
        for (var flag : ALL) {
            var variable = flag.variable(PREFIX);
            var value = rest.remove(variable);
            if (value == null || value.isEmpty()) {
                continue;
            }
            if (flags.isGiven(flag.name())) {
                warnings.warn("recognized environment variable " + variable + ", but unused: shadowed by"
                        + " corresponding flag");
            } else {
                // A value that is none is left alone, as etcdctl does.
                var _ = flags.preset(flag, value);
            }
        }
        rest.forEach((name, value) -> {
            if (name.startsWith(PREFIX) && !OTHERS.contains(name)) {
                warnings.warn("unrecognized environment variable " + name + "=" + value);
            }
        });
    }

    private static final List<String> OTHERS = List.of("ETCDCTL_API", "ETCDCTL_WATCH_KEY", "ETCDCTL_WATCH_RANGE_END");

    /// Takes a warning about the environment.
    public interface Warnings {
        void warn(String text);
    }

    /// All values as variables of the environment, but no password.
    static List<String> told(Flags flags) {
        return ALL.stream()
                .sorted(Comparator.comparing(Flag::name))
                .map(flag -> flag.variable(PREFIX) + "=" + told(flag, flags))
                .toList();
    }

    private static String told(Flag flag, Flags flags) {
        return switch (flag.kind()) {
            case LIST -> "[" + flags.text(flag.name()) + "]";
            case DURATION -> GoNumbers.duration(flags.duration(flag.name()));
            case BOOL -> String.valueOf(flags.is(flag.name()));
            case TEXT, INT ->
                flag.name().equals("user") ? flags.text("user").replaceFirst(":.*", "") : flags.text(flag.name());
        };
    }

    /// Asks for the password if there is only a name.
    static Target target(Flags flags, Passwords passwords) throws IOException, Failure {
        return new Target(
                endpoints(flags),
                flags.duration("dial-timeout"),
                flags.duration("keepalive-time"),
                flags.duration("keepalive-timeout"),
                encryption(flags),
                login(flags, passwords));
    }

    static List<String> endpoints(Flags flags) throws Failure {
        var domain = flags.text("discovery-srv");
        if (domain.isEmpty()) {
            return flags.list("endpoints");
        }
        try {
            var found = Client.builder().endpointsOf(domain).config().endpoints();
            return flags.is("insecure-discovery")
                    ? found
                    : found.stream().filter(each -> each.startsWith("https://")).toList();
        } catch (IllegalArgumentException e) {
            throw new Failure(Exit.ERROR, e.getMessage());
        }
    }

    private static Target.Encryption encryption(Flags flags) throws Failure {
        if (flags.text("cert").isEmpty() != flags.text("key").isEmpty()) {
            throw Failure.badArguments("KeyFile and CertFile must both be present[key: " + flags.text("key")
                    + ", cert: " + flags.text("cert") + "]");
        }
        var certificate = file(flags, "cert");
        var key = file(flags, "key");
        var authorities = file(flags, "cacert");
        var domain = flags.is("insecure-discovery") ? "" : flags.text("discovery-srv");
        var wanted = certificate != null
                || key != null
                || authorities != null
                || !domain.isEmpty()
                || !flags.is("insecure-transport");
        return new Target.Encryption(
                authorities,
                certificate,
                key,
                domain.isEmpty() ? null : domain,
                wanted ? Target.Wanted.ALWAYS : Target.Wanted.FOR_HTTPS,
                flags.is("insecure-skip-tls-verify") ? Target.Checks.NONE : Target.Checks.ALL);
    }

    private static @Nullable Path file(Flags flags, String name) throws Failure {
        var path = flags.text(name);
        if (path.isEmpty()) {
            if (flags.isGiven(name)) {
                throw Failure.badArguments("empty string is passed to --" + name + " option");
            }
            return null;
        }
        if (!Files.exists(Path.of(path))) {
            throw Failure.badArguments("open " + path + ": no such file or directory");
        }
        return Path.of(path);
    }

    private static Settings.@Nullable Login login(Flags flags, Passwords passwords) throws IOException {
        var user = flags.text("user");
        if (user.isEmpty()) {
            return null;
        }
        int colon = user.indexOf(':');
        return colon < 0
                ? new Settings.Login(user, passwords.ask("Password: "))
                : new Settings.Login(user.substring(0, colon), user.substring(colon + 1));
    }
}
