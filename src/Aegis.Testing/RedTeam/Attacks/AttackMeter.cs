namespace Aegis.Testing.RedTeaming;

/// <summary>What a budget counts.</summary>
internal enum AttackMeter
{
    /// <summary>Calls of tools that ran.</summary>
    Calls,

    /// <summary>Tokens that the model was asked for.</summary>
    Tokens,

    /// <summary>Turns that were answered.</summary>
    Runs,
}
