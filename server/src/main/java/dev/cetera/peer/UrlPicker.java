package dev.cetera.peer;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Which of a member's URLs to use: one until it fails, then the next, round and round. Guarded by itself.
final class UrlPicker {
    @GuardedBy("this")
    private List<PeerUrl> urls;

    @GuardedBy("this")
    private int picked;

    UrlPicker(List<PeerUrl> urls) {
        this.urls = List.copyOf(urls);
    }

    synchronized void update(List<PeerUrl> newUrls) {
        urls = List.copyOf(newUrls);
        picked = 0;
    }

    synchronized List<PeerUrl> urls() {
        return urls;
    }

    /// Null when none of the member's URLs can be used.
    synchronized @Nullable PeerUrl pick() {
        return urls.isEmpty() ? null : urls.get(picked);
    }

    /// Moves on, unless somebody else has already.
    synchronized void unreachable(PeerUrl url) {
        if (!urls.isEmpty() && urls.get(picked).equals(url)) {
            picked = (picked + 1) % urls.size();
        }
    }
}
