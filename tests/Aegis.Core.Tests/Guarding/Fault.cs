namespace Aegis.Core.Tests.Guarding;

/// <summary>Ways in which something that answers later can go wrong.</summary>
public enum Fault
{
    Throws,
    ThrowsLater,
    Faulted,
    Cancels,
    CancelsLater,
    Cancelled,
    TimesOut,
    Hangs,
    Null,
}
