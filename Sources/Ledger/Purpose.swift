public import Codec

/// Why somebody wants to see a document: a code of HL7 v3 PurposeOfUse (2.16.840.1.113883.1.11.20448).
///
/// A purpose permits itself and nothing else: ``treatment`` does not permit ``emergencyTreatment``.
public enum Purpose: String, CaseIterable, Hashable, Sendable {
    case healthcareMarketing = "HMARKT"
    case healthcareOperations = "HOPERAT"
    case careManagement = "CAREMGT"
    case donation = "DONAT"
    case fraud = "FRAUD"
    case government = "GOV"
    case accreditation = "HACCRED"
    case compliance = "HCOMPL"
    case decedent = "HDECD"
    case directory = "HDIRECT"
    case deliveryManagement = "HDM"
    case legal = "HLEGAL"
    case outcomeMeasure = "HOUTCOMS"
    case programReporting = "HPRGRP"
    case qualityImprovement = "HQUALIMP"
    case systemAdministration = "HSYSADMIN"
    case labeling = "LABELING"
    case metadataManagement = "METAMGT"
    case memberAdministration = "MEMADMIN"
    case militaryCommand = "MILCDM"
    case patientAdministration = "PATADMIN"
    case patientSafety = "PATSFTY"
    case performanceMeasure = "PERFMSR"
    case recordsManagement = "RECORDMGT"
    case systemDevelopment = "SYSDEV"
    case testHealthData = "HTEST"
    case training = "TRAIN"
    case healthcarePayment = "HPAYMT"
    case claimAttachment = "CLMATTCH"
    case coverageAuthorization = "COVAUTH"
    case coverage = "COVERAGE"
    case eligibilityDetermination = "ELIGDTRM"
    case eligibilityVerification = "ELIGVER"
    case enrollment = "ENROLLM"
    case militaryDischarge = "MILDCRG"
    case remittanceAdvice = "REMITADV"
    case research = "HRESCH"
    case biomedicalResearch = "BIORCH"
    case clinicalTrialResearch = "CLINTRCH"
    case clinicalTrialPatientCare = "CLINTRCHPC"
    case preclinicalTrialResearch = "PRECLINTRCH"
    case publicHealth = "PUBHLTH"
    case disaster = "DISASTER"
    case threat = "THREAT"
    case treatment = "TREAT"
    case clinicalTrial = "CLINTRL"
    case coordinationOfCare = "COC"
    case emergencyTreatment = "ETREAT"
    case breakTheGlass = "BTG"
    case emergencyRoomTreatment = "ERTREAT"
    case populationHealth = "POPHLTH"
    case patientRequest = "PATRQT"
    case familyRequest = "FAMRQT"
    case powerOfAttorney = "PWATRNY"
    case supportNetwork = "SUPNWK"

    /// The HL7 code.
    public var code: String { rawValue }
}

extension Purpose: Comparable, CBORCodable {
    /// Codes in bytewise order.
    public static func < (left: Purpose, right: Purpose) -> Bool {
        left.rawValue.utf8.lexicographicallyPrecedes(right.rawValue.utf8)
    }

    public init(from reader: inout CBORReader) throws(DecodingFailure) {
        guard let purpose = Purpose(rawValue: try reader.readText(max: 16)) else { throw .invalid(field: "purpose") }
        self = purpose
    }

    public func encode(to writer: inout CBORWriter) { writer.write(text: rawValue) }
}
