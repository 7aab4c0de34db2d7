namespace Aegis.Tools;

/// <summary>Where pins are kept. Implementations are thread-safe. What throws, or does not answer in time, has no pins that could be trusted: every tool is refused then.</summary>
public interface IToolPinStore
{
    /// <summary>All pins. The same list as long as nothing has changed: guards look at its identity.</summary>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The pins, at most one for a server and a name.</returns>
    /// <exception cref="ToolPinException">They cannot be read; the message says why.</exception>
    ValueTask<IReadOnlyList<ToolPin>> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Changes the pins atomically. The change is pure and may run several times; one that returns the list that it was given writes nothing.</summary>
    /// <param name="change">The change.</param>
    /// <param name="cancellationToken">Cancels the update; either all of it happens or nothing.</param>
    /// <returns>All pins as they are then.</returns>
    /// <exception cref="ToolPinException">They cannot be read or written; the message says why.</exception>
    ValueTask<IReadOnlyList<ToolPin>> UpdateAsync(Func<IReadOnlyList<ToolPin>, IReadOnlyList<ToolPin>> change, CancellationToken cancellationToken);
}
