package dev.cetera.client.naming;

import dev.cetera.client.KV;
import dev.cetera.client.Key;
import dev.cetera.client.KeyRange;
import dev.cetera.client.PutOption;
import dev.cetera.client.Value;
import java.util.List;

/// The addresses of services. Each is a key, the service's name, a slash and the address; put on the lease of
/// a session it goes with whoever serves there.
public final class Naming {
    private final KV kv;

    public Naming(KV kv) {
        this.kv = kv;
    }

    /// Adds an address, `host:port`.
    ///
    /// @param option with a lease, most often
    public void register(String service, String address, PutOption option) {
        var value = "{\"Op\":0,\"Addr\":" + quoted(address) + ",\"Metadata\":null}";
        kv.put(prefix(service).plus(address), Value.of(value), option);
    }

    public void unregister(String service, String address) {
        kv.delete(prefix(service).plus(address));
    }

    public List<String> addresses(String service) {
        var prefix = prefix(service);
        return kv.get(KeyRange.prefix(prefix)).kvs().stream()
                .map(each -> each.key().without(prefix.length()).string())
                .toList();
    }

    static Key prefix(String service) {
        return Key.of(service).plus("/");
    }

    /// As a string of JSON.
    static String quoted(String text) {
        var all = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char each = text.charAt(i);
            if (each == '"' || each == '\\') {
                all.append('\\').append(each);
            } else if (each < ' ') {
                all.append("\\u%04x".formatted((int) each));
            } else {
                all.append(each);
            }
        }
        return all.append('"').toString();
    }
}
