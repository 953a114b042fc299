package dev.cetera.ctl.command;

import dev.cetera.client.transport.Security;
import dev.cetera.ctl.rpc.Target;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/// How much memory the process of the first endpoint has, as it says in its metrics.
final class MemberMemory {
    private static final String METRIC = "process_resident_memory_bytes ";

    private final Target target;
    private final String address;

    MemberMemory(Target target) {
        this.target = target;
        var endpoint = target.endpoints().getFirst();
        var scheme = target.encryption().wanted() == Target.Wanted.ALWAYS ? "https://" : "http://";
        this.address = (endpoint.contains("://") ? endpoint : scheme + endpoint) + "/metrics";
    }

    /// @throws IOException if it can't be asked, or does not tell
    double residentBytes() throws IOException, InterruptedException {
        var builder = HttpClient.newBuilder().connectTimeout(target.dialTimeout());
        if (address.startsWith("https://")) {
            var tls = target.encryption();
            var checks = tls.checks() == Target.Checks.ALL ? Security.Checks.ALL : Security.Checks.NONE;
            builder.sslContext(Security.context(tls.authorities(), tls.certificate(), tls.key(), checks));
        }
        try (var http = builder.build()) {
            var request = HttpRequest.newBuilder(URI.create(address)).build();
            var answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            return answer.body()
                    .lines()
                    .filter(line -> line.startsWith(METRIC))
                    .mapToDouble(line -> Double.parseDouble(line.substring(METRIC.length())))
                    .findFirst()
                    .orElseThrow(() -> new IOException("could not find: " + METRIC.strip()));
        } catch (IOException e) {
            throw e.getMessage() == null
                    ? new IOException("fetch error: Get " + address + ": connection refused", e)
                    : e;
        } catch (IllegalArgumentException e) {
            throw new IOException("fetch error: " + e.getMessage(), e);
        }
    }
}
