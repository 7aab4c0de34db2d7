namespace Aegis.Policies;

/// <summary>When an answer is shown.</summary>
public enum OutputDelivery
{
    /// <summary>As it arrives; held back is only what may still become part of a finding.</summary>
    HoldBack,

    /// <summary>When it is whole: of one that is blocked nothing is shown.</summary>
    Buffered,
}
