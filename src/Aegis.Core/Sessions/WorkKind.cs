namespace Aegis;

/// <summary>What is about to be done, or was, as budgets see it.</summary>
internal enum WorkKind
{
    /// <summary>A tool is called.</summary>
    Call,

    /// <summary>The model is asked.</summary>
    Step,

    /// <summary>The model is asked for its last word.</summary>
    Closing,

    /// <summary>A judge, the sandbox or a second look is asked.</summary>
    Help,

    /// <summary>A model has answered: what it used is charged, whatever is left.</summary>
    Answer,
}
