namespace Aegis.Policies;

/// <summary>What happens to a call when a rule on one of its arguments does not hold.</summary>
public enum Otherwise
{
    /// <summary>It does not run.</summary>
    Block,

    /// <summary>A person is asked. What nobody can read in one way is blocked all the same.</summary>
    Ask,
}
