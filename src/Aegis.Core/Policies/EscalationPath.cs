namespace Aegis.Policies;

/// <summary>How a response that takes the place of a blocked one is judged.</summary>
public enum EscalationPath
{
    /// <summary>Everything in it is looked for, and whatever is found blocks it, also what would be replaced else.</summary>
    StricterScanner,

    /// <summary>The model is asked again without the texts that tools returned: in their place stand the data that <see cref="ToolPolicy.Extract"/> wants of them, and where it wants none, a notice. Not where the service keeps the conversation. Needs <see cref="AegisPolicy.Sandbox"/>.</summary>
    Sandbox,

    /// <summary>Both.</summary>
    Combined,
}
