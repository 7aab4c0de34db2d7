namespace Aegis.Cli.BossBattle;

/// <summary>How a tier ended.</summary>
internal enum BattleEnd
{
    /// <summary>The harm has happened.</summary>
    Beaten,

    /// <summary>The player went on to the next.</summary>
    Skipped,

    /// <summary>The player left, or the input ended.</summary>
    Left,
}
