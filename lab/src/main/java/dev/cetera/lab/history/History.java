package dev.cetera.lab.history;

import java.util.List;

/// All that clients did and were told.
///
/// @param operations in the order of their calls
/// @param settled    whether, at the end, all troubles were over and everything that was to come had come:
///                   then a watch that still runs has been told of everything
/// @param members    how many members there were at most
public record History(List<Operation> operations, List<Watch> watches, boolean settled, int members) {
    public History {
        operations = List.copyOf(operations);
        watches = List.copyOf(watches);
    }
}
