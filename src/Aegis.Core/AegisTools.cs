using Aegis.Tools;

namespace Aegis;

/// <summary>What the host can say of tools that are not what they were. Thread-safe.</summary>
public sealed class AegisTools
{
    private readonly AegisGuard _guard;

    internal AegisTools(AegisGuard guard) => _guard = guard;

    /// <summary>Tools that were not offered to the model when it was asked last with them, the oldest first; at most 256.</summary>
    public IReadOnlyList<RefusedTool> Refused => _guard.Services.Pins.Refused;

    /// <summary>Approves a tool as it is now: what was approved under its name before counts no more. To approve what a person has read, and not what has come since, it takes the very pin. An event says so.</summary>
    /// <param name="pin">The tool: of <see cref="Refused"/>, or <see cref="ToolPin.Of"/>.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>When it holds.</returns>
    /// <exception cref="ToolPinException">The pins cannot be read or written, or there are too many.</exception>
    public async ValueTask ApproveAsync(ToolPin pin, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pin);
        var pins = _guard.Services.Pins;
        await pins.ApproveAsync(pin, cancellationToken);
        if (!await pins.HasAsync(pin, cancellationToken))
        {
            throw new ToolPinException(FormattableString.Invariant($"there are {ToolPinning.MaxPins} pins already"));
        }

        _guard.Services.Events.Publish(new(DecisionId.Next(), new ToolDefinition(pin.Name, ""), _guard.InstanceSession, Verdict.Of(new Finding("tool/approved", Decision.Flag) { Detail = pin.Hash }), Decision.Allow)
        {
            Time = _guard.Now,
            Version = _guard.Pipeline.Policy.Version,
        });
    }
}
