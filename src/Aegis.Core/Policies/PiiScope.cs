namespace Aegis.Policies;

/// <summary>Where personal data is looked for.</summary>
public enum PiiScope
{
    /// <summary>In what the model says.</summary>
    Output,

    /// <summary>In what users type.</summary>
    Input,

    /// <summary>In the arguments of calls.</summary>
    Arguments,
}
