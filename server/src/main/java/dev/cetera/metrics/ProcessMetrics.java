package dev.cetera.metrics;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The process and its JVM. What only Linux tells is NaN elsewhere.
final class ProcessMetrics {
    private static final Path STATM = Path.of("/proc/self/statm");
    private static final long PAGE = 4096;

    private ProcessMetrics() {}

    static void register(Registry registry) {
        registerAsGo(registry);
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

    /// What dashboards of Go programs ask for, as far as a JVM has the same.
    private static void registerAsGo(Registry registry) {
        var memory = ManagementFactory.getMemoryMXBean();
        var threads = ManagementFactory.getThreadMXBean();
        registry.gauge("go_info", "The runtime, as a label.", "version", "java" + Runtime.version())
                .set(1);
        registry.gauge("go_goroutines", "Platform threads.").follow(threads::getThreadCount);
        registry.gauge("go_threads", "Platform threads.").follow(threads::getThreadCount);
        for (var name : List.of("alloc_bytes", "heap_alloc_bytes", "heap_inuse_bytes")) {
            registry.gauge("go_memstats_" + name, "Heap in use.")
                    .follow(() -> memory.getHeapMemoryUsage().getUsed());
        }
        registry.gauge("go_memstats_heap_sys_bytes", "Heap taken from the system.")
                .follow(() -> memory.getHeapMemoryUsage().getCommitted());
        registry.gauge("go_memstats_heap_idle_bytes", "Heap taken from the system and not in use.")
                .follow(() -> {
                    var heap = memory.getHeapMemoryUsage();
                    return heap.getCommitted() - heap.getUsed();
                });
        registry.gauge("go_memstats_sys_bytes", "Memory that the JVM has taken from the system.")
                .follow(() -> memory.getHeapMemoryUsage().getCommitted()
                        + memory.getNonHeapMemoryUsage().getCommitted());
        if (threads instanceof com.sun.management.ThreadMXBean counting) {
            registry.counter(
                    "go_memstats_alloc_bytes_total",
                    "Bytes allocated since the start.",
                    counting::getTotalThreadAllocatedBytes);
        }
        var collectors = ManagementFactory.getGarbageCollectorMXBeans();
        registry.summary(
                "go_gc_duration_seconds",
                "Collections of garbage.",
                () -> collectors.stream()
                                .mapToLong(one -> one.getCollectionTime())
                                .sum()
                        / 1000.0,
                () -> collectors.stream()
                        .mapToLong(one -> one.getCollectionCount())
                        .sum());
    }

    private static double pages(int field) {
        try {
            return Long.parseLong(Files.readString(STATM).split(" ", -1)[field]) * (double) PAGE;
        } catch (IOException notLinux) {
            return Double.NaN;
        }
    }
}
