package dev.cetera.metrics;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/// The process and its JVM. What only Linux tells is NaN elsewhere.
final class ProcessMetrics {
    private static final Path STATM = Path.of("/proc/self/statm");
    private static final long PAGE = 4096;

    private ProcessMetrics() {}

    static void register(Registry registry) {
        var runtime = ManagementFactory.getRuntimeMXBean();
        var heap = ManagementFactory.getMemoryMXBean();
        var threads = ManagementFactory.getThreadMXBean();
        registry.gauge("process_start_time_seconds", "When the process started, in seconds since the epoch.")
                .set(runtime.getStartTime() / 1000.0);
        registry.gauge("process_resident_memory_bytes", "Resident memory.").follow(() -> pages(1));
        registry.gauge("process_virtual_memory_bytes", "Virtual memory.").follow(() -> pages(0));
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
            registry.counter("process_cpu_seconds_total", "CPU time used.", () -> system.getProcessCpuTime() / 1e9);
            for (var name : new String[] {"process_open_fds", "os_fd_used"}) {
                registry.gauge(name, "Open file descriptors.").follow(system::getOpenFileDescriptorCount);
            }
            for (var name : new String[] {"process_max_fds", "os_fd_limit"}) {
                registry.gauge(name, "Limit of open file descriptors.").follow(system::getMaxFileDescriptorCount);
            }
        }
        registry.gauge("jvm_memory_used_bytes", "Memory of the JVM in use.", "area", "heap")
                .follow(() -> heap.getHeapMemoryUsage().getUsed());
        registry.gauge("jvm_memory_used_bytes", "Memory of the JVM in use.", "area", "nonheap")
                .follow(() -> heap.getNonHeapMemoryUsage().getUsed());
        registry.gauge("jvm_memory_max_bytes", "Most memory the JVM may use.", "area", "heap")
                .follow(() -> heap.getHeapMemoryUsage().getMax());
        registry.gauge("jvm_threads_current", "Platform threads.").follow(threads::getThreadCount);
        for (var collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            var name = collector.getName();
            registry.counter("jvm_gc_collections_total", "Collections.", collector::getCollectionCount, "gc", name);
            registry.counter(
                    "jvm_gc_collection_seconds_total",
                    "Time in collections.",
                    () -> collector.getCollectionTime() / 1000.0,
                    "gc",
                    name);
        }
    }

    private static double pages(int field) {
        try {
            return Long.parseLong(Files.readString(STATM).split(" ", -1)[field]) * (double) PAGE;
        } catch (IOException notLinux) {
            return Double.NaN;
        }
    }
}
