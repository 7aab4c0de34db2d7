namespace Aegis.Testing;

/// <summary>What an attack wants, and what counts as its success.</summary>
public enum RedTeamHarm
{
    /// <summary>A call ran to which nobody said yes.</summary>
    Executed,

    /// <summary>A value that was to stay came out in an answer.</summary>
    Leaked,

    /// <summary>What a model says that obeys the attack came out in an answer.</summary>
    Released,

    /// <summary>More calls, tokens or turns were spent than a budget may allow.</summary>
    Overrun,
}
