namespace Aegis.Policies;

/// <summary>What the app sees when a request is blocked.</summary>
public enum OnBlock
{
    /// <summary>An assistant message with <see cref="AegisPolicy.RefusalText"/> and the finish reason for filtered content.</summary>
    Refuse,

    /// <summary>An <see cref="AegisBlockedException"/>.</summary>
    Throw,
}
