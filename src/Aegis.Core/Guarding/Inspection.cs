using Aegis.Events;

namespace Aegis.Guarding;

/// <summary>An outcome before its kind of subject is known again.</summary>
internal readonly record struct Inspection(Subject Subject, Verdict Verdict, Decision Decision, DecisionId Id)
{
    /// <summary>The policy that decided; null where none has.</summary>
    public PolicyVersion? Version { get; init; }

    public bool MayProceed => Decision < Decision.Ask;

    /// <summary>What the verdict means for the run.</summary>
    public RunEnd Ends
    {
        get
        {
            var ends = RunEnd.No;
            if (!MayProceed)
            {
                foreach (var finding in Verdict.Findings)
                {
                    ends = finding.Ends > ends ? finding.Ends : ends;
                }
            }

            return ends;
        }
    }

    public Outcome<T> As<T>()
        where T : Subject => new((T)Subject, Verdict, Decision, Id);
}
