namespace Aegis.Policies;

/// <summary>Arguments that no rule names.</summary>
public enum AdditionalArguments
{
    /// <summary>They may be there.</summary>
    Allow,

    /// <summary>A call that has one does not run.</summary>
    Block,
}
