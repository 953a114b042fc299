package dev.cetera.bolt;

/// How a bolt file is made and written.
///
/// @param pageSize bytes, a power of two from 1024 to 65536; only for a new file, an old one keeps its own
public record BoltOptions(int pageSize, FreelistForm freelist, Shrinking shrinking) {
    public static final BoltOptions DEFAULTS = new BoltOptions(4096, FreelistForm.NOT_STORED, Shrinking.NEVER);

    public BoltOptions {
        if (pageSize < 1024 || pageSize > 65536 || Integer.bitCount(pageSize) != 1) {
            throw new IllegalArgumentException("page size " + pageSize + " is not a power of two from 1024 to 65536");
        }
    }

    public BoltOptions withPageSize(int bytes) {
        return new BoltOptions(bytes, freelist, shrinking);
    }

    public BoltOptions withFreelist(FreelistForm form) {
        return new BoltOptions(pageSize, form, shrinking);
    }

    public BoltOptions withShrinking(Shrinking how) {
        return new BoltOptions(pageSize, freelist, how);
    }
}
