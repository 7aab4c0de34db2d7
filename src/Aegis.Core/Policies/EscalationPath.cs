namespace Aegis.Policies;

/// <summary>How a response that takes the place of a blocked one is judged.</summary>
public enum EscalationPath
{
    /// <summary>Everything in it is looked for, and whatever is found blocks it, also what would be replaced else.</summary>
    StricterScanner,
}
